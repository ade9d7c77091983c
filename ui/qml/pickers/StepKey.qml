import QtQuick
import "../controls"
import "../theme"

// One step back or forth.
Pressable {
    id: key

    property string iconName: ""

    implicitHeight: Theme.target
    implicitWidth: Theme.mm(24)
    opacity: enabled ? 1 : 0.35
    padding: 0
    repeatTime: 0

    background: Rectangle {
        border.color: Theme.accent
        border.width: Theme.hairline
        color: key.down ? Theme.softPressed : Theme.surface
        radius: Theme.radius
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            colour: Theme.accent
            name: key.iconName
            size: Theme.mm(9)
        }
    }
}
