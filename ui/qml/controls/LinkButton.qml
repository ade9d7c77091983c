import QtQuick
import "../theme"

// A small thing to do with what stands beside it: an icon and a word.
Pressable {
    id: control

    property string iconName: ""

    padding: Theme.mm(3)

    background: Rectangle {
        color: control.down ? Theme.soft : "transparent"
        radius: Theme.smallRadius
    }
    contentItem: Item {
        implicitHeight: words.implicitHeight
        implicitWidth: picture.width + Math.ceil(words.implicitWidth) + Theme.mm(2.6)

        Row {
            anchors.centerIn: parent
            spacing: Theme.mm(2.6)

            Icon {
                id: picture

                anchors.verticalCenter: parent.verticalCenter
                colour: Theme.accent
                name: control.iconName
                size: Theme.mm(9 * Theme.headGrowth)
            }
            Label {
                id: words

                anchors.verticalCenter: parent.verticalCenter
                bold: true
                color: Theme.accent
                size: Theme.supportText
                text: control.text
            }
        }
    }
}
