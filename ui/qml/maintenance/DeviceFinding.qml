import "../theme"

// A finding in words. The state of a device is said in the language of the screen, anything else as maintenance says it.
FindingCard {
    id: card

    property var finding: ({})
    readonly property string state_: (Bridge.state.device_states[finding.part] ?? "")
    readonly property bool ofDevice: state_ !== "" && finding.cause.startsWith(state_.replace(/_/g, " "))
    readonly property list<string> words: finding.part.split(": ")
    readonly property string of: words[0] === "network" ? "hop" : "test"
    readonly property Names names: Names {}

    cause: ofDevice ? names.of("state", state_) : finding.cause
    health: finding.health
    objectName: "finding:" + finding.part
    remedy: ofDevice && names.has("remedy", state_) ? names.of("remedy", state_) : finding.remedy
    title: names.of("part", words[0]) + (words.length > 1 ? " · " + names.of(of, words[1]) : "")
}
