import QtQuick
import "../theme"

// 999, large. Navy: red is the button's.
Rectangle {
    id: card

    readonly property bool huge: Theme.growth > 1.5  // what stands beneath stays in sight

    border.color: Theme.bandOutline
    border.width: Theme.contrast ? Theme.line : 0
    color: Theme.band
    implicitHeight: number.implicitHeight + Theme.mm(10)
    radius: Theme.mm(5.5)

    Row {
        anchors.centerIn: parent
        spacing: Theme.mm(12)

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            colour: Theme.bandInk
            name: "phone"
            size: Theme.mm(card.huge ? 24 : 34)
        }
        Label {
            id: number

            anchors.verticalCenter: parent.verticalCenter
            bold: true
            color: Theme.bandInk
            size: Theme.mm(card.huge ? 36 : 54)
            text: "999"
        }
    }
}
