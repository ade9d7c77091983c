import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// Show a document or code; typing instead is always one tap away, because the lost thing is often the document.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property bool cameraOn: body.camera === "ready" || body.camera === "busy"
    readonly property bool readerOn: body.reader === "ready" || body.reader === "busy"
    readonly property bool sideBySide: !page.upright && !Theme.enlarged

    readonly property bool ofReceipt: body.document === "receipt"

    hasNext: false
    help: {
        if (page.cameraOn && !page.readerOn)
            return Words.text(page.ofReceipt ? "scan.help_camera_receipt" : "scan.help_camera");
        return Bridge.state.help === "" ? Words.text("scan.help") : Bridge.state.help;
    }
    title: Bridge.state.title === "" ? Words.text("scan.title") : Bridge.state.title

    ProblemLine {
        objectName: "problem:scan"
        text: page.body.problem ? Words.message("problem", page.body.problem) : ""
        visible: !!page.body.problem
        width: parent.width
    }
    GridLayout {
        columnSpacing: Theme.mm(8.8)
        columns: page.sideBySide ? 2 : 1
        rowSpacing: Theme.wideGap
        width: parent.width

        Viewfinder {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: true
            Layout.preferredWidth: 9
            guide: !page.ofReceipt
            on: page.cameraOn
            status: {
                if (!page.cameraOn && !page.readerOn)
                    return Words.text("scan.reader_off");
                return Words.text(page.ofReceipt ? "scan.looking_receipt" : "scan.looking");
            }
        }
        ColumnLayout {
            Layout.alignment: Qt.AlignTop
            Layout.fillWidth: true
            Layout.preferredWidth: page.sideBySide ? 5 : 9
            spacing: Theme.wideGap

            SecondaryButton {
                Layout.fillWidth: true
                iconName: "keyboard"
                objectName: "button:type_instead"
                text: Words.text("button.type_instead")

                onAct: Bridge.visit.touch("type_instead")
            }
            Label {
                even: true
                Layout.fillWidth: true
                color: Theme.muted
                size: Theme.smallText
                text: Words.text(page.ofReceipt ? "scan.private_receipt" : "scan.private")
                visible: page.cameraOn
            }
        }
    }
}
