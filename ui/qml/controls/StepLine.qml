import QtQuick
import "../theme"

// A point of a list with an icon and a line beneath.
Item {
    id: step

    property string iconName: ""
    property string text: ""

    implicitHeight: Math.max(words.implicitHeight, picture.height) + Theme.mm(6)

    Icon {
        id: picture

        colour: Theme.accent
        name: step.iconName
        size: Theme.mm(10.5 * Theme.headGrowth)
        y: Theme.mm(1)
    }
    Label {
        id: words

        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(6.6)
        anchors.right: parent.right
        size: Theme.supportText
        text: step.text
    }
    Rectangle {
        anchors.bottom: parent.bottom
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
}
