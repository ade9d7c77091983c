import QtQuick
import "../theme"

// What happens with the paper. It is said to be there only when the printer said so.
Item {
    id: paper

    required property string paper
    required property string printer
    required property bool canReprint
    readonly property bool good: paper.paper === "printed" || paper.paper === "printing"

    readonly property bool beside: !Theme.enlarged && width > Theme.mm(240)
    readonly property int buttonRoom: canReprint && beside ? again.width + Theme.gap : 0

    implicitHeight: Math.max(line.height, canReprint && beside ? again.height : 0) + (canReprint && !beside ? again.height + Theme.gap : 0)

    Item {
        id: line

        height: Math.max(picture.height, words.implicitHeight, paper.canReprint && paper.beside ? again.height : 0)
        width: parent.width - paper.buttonRoom

        Icon {
            id: picture

            anchors.verticalCenter: parent.verticalCenter
            colour: paper.good ? Theme.accent : Theme.caution
            name: paper.good ? "printer" : "printer-x"
            size: Theme.mm(14)
        }
        Label {
            id: words

            anchors.left: picture.right
            anchors.leftMargin: Theme.mm(6.6)
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            objectName: "received:paper"
            even: true
            text: Words.text("paper." + paper.paper)
        }
    }
    SecondaryButton {
        id: again

        height: Math.max(Theme.mm(25), implicitContentHeight + topPadding + bottomPadding)
        leftPadding: Theme.mm(6)
        objectName: "button:reprint"
        rightPadding: Theme.mm(6)
        text: Words.text("button.reprint")
        visible: paper.canReprint
        width: paper.beside ? implicitWidth : parent.width
        x: paper.beside ? parent.width - width : 0
        y: paper.beside ? (line.height - height) / 2 : line.height + Theme.gap

        onAct: Bridge.visit.touch("reprint")
    }
}
