import "../controls"
import "../theme"

// Switches a part of the panel on.
PrimaryButton {
    property string part: ""

    implicitHeight: Theme.mm(26)
    objectName: "try:" + part
    text: Words.text("maintenance.test.start")
    width: parent?.width ?? 0

    onAct: Bridge.visit.tryPart(part)
}
