import QtQuick
import "../controls"
import "../theme"

// A lever: small, for a mouse; filled while the world is as it says.
Pressable {
    id: button

    property bool on: false

    bottomPadding: 0
    guarded: false
    implicitHeight: Theme.mm(14)
    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    leftPadding: Theme.mm(5)
    repeatTime: 0
    rightPadding: Theme.mm(5)
    topPadding: 0

    background: Rectangle {
        border.color: button.on ? Theme.accent : Theme.outline
        border.width: Theme.line
        color: button.on ? Theme.accent : button.down ? Theme.softPressed : button.hovered ? Theme.soft : Theme.surface
        radius: Theme.smallRadius
    }
    contentItem: Label {
        color: button.on ? Theme.accentInk : Theme.accent
        horizontalAlignment: Text.AlignHCenter
        size: Theme.smallText
        text: button.text
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.NoWrap
    }
}
