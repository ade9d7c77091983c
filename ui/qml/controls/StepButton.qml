import QtQuick
import "../theme"

// A small step: up, down, one more.
Pressable {
    id: control

    property string iconName: ""

    guarded: false
    implicitHeight: Theme.mm(24)
    implicitWidth: Theme.mm(33)
    repeatTime: 0

    background: Rectangle {
        border.color: control.enabled ? Theme.accent : Theme.divider
        border.width: Theme.line
        color: control.down ? Theme.softPressed : Theme.surface
        radius: Theme.radius
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            colour: control.enabled ? Theme.accent : Theme.outline
            name: control.iconName
            size: Theme.mm(12)
        }
    }
}
