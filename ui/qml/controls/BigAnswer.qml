import QtQuick
import "../theme"

// Yes or no, as large as a hand.
Pressable {
    id: control

    property string hint: ""

    Accessible.description: hint
    implicitHeight: Math.max(Theme.mm(66), implicitContentHeight + topPadding + bottomPadding)
    implicitWidth: 0
    padding: Theme.mm(8)

    background: Rectangle {
        border.color: Theme.accent
        border.width: Theme.line
        color: control.down ? Theme.softPressed : Theme.surface
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: pile.implicitHeight

        Column {
            id: pile

            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(2)
            width: parent.width

            Label {
                bold: true
                color: Theme.accent
                even: true
                horizontalAlignment: Text.AlignHCenter
                size: Theme.mm(16 * Theme.headGrowth)
                text: control.text
                width: parent.width
            }
            Label {
                color: Theme.muted
                even: true
                horizontalAlignment: Text.AlignHCenter
                size: Theme.smallText
                text: control.hint
                visible: text !== ""
                width: parent.width
            }
        }
    }
}
