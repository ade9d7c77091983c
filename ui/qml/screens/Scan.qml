import QtQuick
import "../controls"
import "../theme"

// Show a document or code; typing instead is always one tap away, because the lost thing is often the document.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property bool cameraOn: body.camera === "ready" || body.camera === "busy"

    hasNext: false
    help: Words.text("scan.help")
    title: Bridge.state.title === "" ? Words.text("scan.title") : Bridge.state.title

    ProblemLine {
        objectName: "problem:scan"
        text: page.body.problem ? Words.message("problem", page.body.problem) : ""
        visible: !!page.body.problem
        width: parent.width
    }
    Viewfinder {
        guide: true
        on: page.cameraOn
        status: Words.text(page.cameraOn || page.body.scanner === "ready" || page.body.scanner === "busy" ? "scan.looking" : "scan.reader_off")
        width: parent.width
    }
    SecondaryButton {
        iconName: "keyboard"
        objectName: "button:type_instead"
        text: Words.text("button.type_instead")
        width: parent.width

        onAct: Bridge.visit.touch("type_instead")
    }
    Label {
        color: Theme.muted
        size: Theme.smallText
        text: Words.text("scan.private")
        width: parent.width
    }
}
