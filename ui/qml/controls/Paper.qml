import QtQuick
import "../theme"

// What happens with the paper. It is said to be there only when the printer said so.
Item {
    id: paper

    required property string paper
    required property string printer
    required property bool canReprint
    readonly property bool good: paper.paper === "printed" || paper.paper === "printing"

    implicitHeight: pile.implicitHeight

    Column {
        id: pile

        spacing: Theme.mm(4.4)
        width: parent.width

        Item {
            height: Math.max(picture.height, words.implicitHeight)
            width: parent.width

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
                text: Words.text("paper." + paper.paper)
            }
        }
        SecondaryButton {
            iconName: "printer"
            objectName: "button:reprint"
            text: Words.text("button.reprint")
            visible: paper.canReprint
            width: parent.width

            onAct: Bridge.visit.touch("reprint")
        }
    }
}
