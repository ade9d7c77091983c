import "../theme"

// Whether the command went out.
SaidLine {
    property var parts: []
    readonly property var tried: Bridge.state.tried
    readonly property bool ours: parts.indexOf(tried.part ?? "") >= 0

    objectName: "label:tried"
    text: !ours ? "" : tried.done === true ? Words.text("maintenance.tried.done") : tried.done === false ? Words.text("maintenance.tried.not_done") : Words.text("maintenance.asking")
}
