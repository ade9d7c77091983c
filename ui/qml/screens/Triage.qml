import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// One emergency question at a time.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property bool sideBySide: !Theme.enlarged

    help: Words.text("triage.help")
    place: Words.fill("triage.place", {
        "count": body.count,
        "number": body.number
    })
    title: Words.text("triage." + body.question_key)

    GridLayout {
        columnSpacing: Theme.gap
        columns: page.sideBySide ? 2 : 1
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        BigAnswer {
            Layout.fillHeight: true
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            objectName: "button:no"
            text: Words.text("button.no")

            onAct: Bridge.visit.touch("no")
        }
        BigAnswer {
            Layout.fillHeight: true
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            hint: Words.text("triage.yes_hint")
            objectName: "button:yes"
            text: Words.text("button.yes")

            onAct: Bridge.visit.touch("yes")
        }
    }
    Item {
        height: Theme.mm(2)
        width: 1
    }
    SecondaryButton {
        iconName: "ear-off"
        objectName: "button:deaf"
        text: Words.text("button.deaf")
        width: parent.width

        onAct: Bridge.visit.touch("deaf")
    }
    LinkButton {
        anchors.horizontalCenter: parent.horizontalCenter
        iconName: "info"
        objectName: "button:information"
        text: Words.text("button.information")
        visible: page.body.can_inform

        onAct: Bridge.visit.touch("information")
    }
}
