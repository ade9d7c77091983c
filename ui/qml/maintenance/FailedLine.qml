import "../controls"
import "../theme"

// Why the last wish could not be fulfilled.
MessageLine {
    readonly property string reason: Bridge.state.failed

    edge: Theme.caution
    iconName: "triangle-alert"
    objectName: "label:failed"
    text: reason === "" ? "" : names.has("failed", reason) ? names.of("failed", reason) : Words.text("maintenance.failed.unknown")
    visible: reason !== ""
    width: parent?.width ?? 0

    readonly property Names names: Names {}
}
