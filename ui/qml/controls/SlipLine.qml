import QtQuick
import "../theme"

// A paper that can be had besides the receipt: its button, and what became of it.
Column {
    id: line

    required property string slip
    required property string text
    required property string paper
    readonly property bool failed: paper === "not_printed" || paper === "unconfirmed" || paper === "no_printer"

    spacing: Theme.mm(2)

    SecondaryButton {
        enabled: line.paper !== "printing"
        iconName: "printer"
        objectName: "slip:" + line.slip
        text: line.text
        width: parent.width

        onAct: Bridge.visit.askSlip(line.slip)
    }
    Item {
        height: Math.max(mark.height, words.implicitHeight)
        visible: line.paper !== ""
        width: parent.width

        Icon {
            id: mark

            anchors.verticalCenter: parent.verticalCenter
            colour: line.failed ? Theme.caution : Theme.accent
            name: line.failed ? "printer-x" : line.paper === "printed" ? "check" : "printer"
            size: Theme.mm(9.5 * Theme.headGrowth)
            x: Theme.mm(2)
        }
        Label {
            id: words

            anchors.left: mark.right
            anchors.leftMargin: Theme.mm(4)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            even: true
            objectName: "slip_paper:" + line.slip
            size: Theme.supportText
            text: line.paper === "" ? "" : Words.text("slip." + line.paper)
        }
    }
}
