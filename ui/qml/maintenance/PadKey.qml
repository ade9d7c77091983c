import QtQuick
import "../controls"
import "../theme"

// One large key of the pad.
Pressable {
    id: key

    property string iconName: ""

    implicitHeight: Theme.mm(32)
    repeatTime: 25  // a bouncing panel is quicker than a finger that types a digit twice

    background: Rectangle {
        border.color: Theme.outline
        border.width: Theme.hairline
        color: key.down ? Theme.softPressed : key.iconName === "" ? Theme.key : Theme.keySpecial
        radius: Theme.radius
    }
    contentItem: Item {
        Label {
            anchors.centerIn: parent
            bold: true
            size: Theme.mm(14)
            text: key.text
        }
        Icon {
            anchors.centerIn: parent
            name: key.iconName
            size: Theme.mm(13)
            visible: key.iconName !== ""
        }
    }
}
