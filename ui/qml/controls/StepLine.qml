import QtQuick
import "../theme"

// A point of a list with an icon and a line beneath.
Item {
    id: step

    property string iconName: ""
    property string text: ""
    readonly property int pad: Theme.mm(3.3)

    implicitHeight: Math.max(words.implicitHeight, picture.height) + 2 * pad

    Icon {
        id: picture

        colour: Theme.accent
        name: step.iconName
        size: Theme.mm(10.5 * Theme.headGrowth)
        y: step.pad + Theme.mm(1)
    }
    Label {
        id: words

        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(6.6)
        anchors.right: parent.right
        even: true
        size: Theme.supportText
        text: step.text
        y: step.pad
    }
    Rectangle {
        anchors.bottom: parent.bottom
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
}
