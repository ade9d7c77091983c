import QtQuick
import "../theme"

// A sentence that must be seen: an icon and words on a quiet ground.
Rectangle {
    id: line

    property string text: ""
    property bool strong: false  // the one thing to see on its page
    property string iconName: "info"
    property color ink: Theme.text
    property color edge: Theme.accent

    Accessible.name: text
    Accessible.role: Accessible.AlertMessage
    border.color: edge
    border.width: Theme.contrast ? Theme.line : 0
    color: Theme.soft
    implicitHeight: Math.max(words.implicitHeight, picture.height) + 2 * Theme.mm(4.5)
    radius: Theme.smallRadius

    Icon {
        id: picture

        anchors.left: parent.left
        anchors.leftMargin: Theme.mm(5.5)
        anchors.top: parent.top
        anchors.topMargin: Theme.mm(5)
        colour: line.edge
        name: line.iconName
        size: Theme.mm(10 * Theme.headGrowth)
    }
    Label {
        id: words

        Accessible.ignored: true
        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(4.4)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(5.5)
        anchors.verticalCenter: parent.verticalCenter
        bold: line.strong
        color: line.ink
        even: true
        size: line.strong ? Theme.bodyText : Theme.supportText
        text: line.text
    }
}
