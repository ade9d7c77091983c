import QtQuick
import "../controls"
import "../theme"

// A part of a long list, in its colour where it is known by one; its name says it, too.
Pressable {
    id: tile

    property string colour: ""

    implicitHeight: Math.max(Theme.mm(30), implicitContentHeight + topPadding + bottomPadding)
    implicitWidth: 0
    leftPadding: Theme.mm(4)
    padding: Theme.mm(3)

    background: Rectangle {
        border.color: Theme.outline
        border.width: Theme.hairline
        color: tile.down ? Theme.soft : Theme.surface
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: words.implicitHeight

        Rectangle {
            id: bar

            border.color: Theme.outline
            border.width: Theme.hairline
            color: tile.colour === "" ? "transparent" : tile.colour
            height: parent.height
            radius: Theme.mm(1.6)
            visible: tile.colour !== ""
            width: Theme.mm(7)
        }
        Label {
            id: words

            anchors.left: bar.visible ? bar.right : parent.left
            anchors.leftMargin: Theme.mm(bar.visible ? 5 : 2)
            anchors.right: arrow.left
            anchors.rightMargin: Theme.mm(2)
            anchors.verticalCenter: parent.verticalCenter
            even: true
            text: tile.text
        }
        Icon {
            id: arrow

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            colour: Theme.accent
            name: "chevron-right"
            size: Theme.mm(9)
        }
    }
}
