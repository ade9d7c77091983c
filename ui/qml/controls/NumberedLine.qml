import QtQuick
import "../theme"

// A step of several, with its number.
Item {
    id: line

    property int number: 0
    property string text: ""

    implicitHeight: Math.max(mark.height, words.implicitHeight)

    Rectangle {
        id: mark

        color: Theme.accent
        height: Theme.mm(14 * Theme.headGrowth)
        radius: height / 2
        width: height

        Label {
            anchors.centerIn: parent
            bold: true
            color: Theme.accentInk
            size: Theme.mm(9 * Theme.headGrowth)
            text: line.number
        }
    }
    Label {
        id: words

        anchors.left: mark.right
        anchors.leftMargin: Theme.mm(5)
        anchors.right: parent.right
        even: true
        size: Theme.supportText
        text: line.text
        y: Math.max(0, (mark.height - implicitHeight) / 2)
    }
}
