import QtQuick
import "../theme"

// One control of the bottom bar: icon above words.
Pressable {
    id: control

    property string iconName: ""
    property color ink: Theme.text
    property color ground: control.down ? Theme.softPressed : "transparent"
    property color outline: "transparent"
    property bool bold: false

    guarded: false  // it lies in the same place on every screen
    implicitHeight: Math.max(Theme.barItem, implicitContentHeight + topPadding + bottomPadding)
    padding: Theme.mm(2.2)

    background: Rectangle {
        border.color: control.outline
        border.width: Theme.line
        color: control.ground
        radius: Theme.mm(3.6)
    }
    contentItem: Item {
        implicitHeight: pile.implicitHeight
        implicitWidth: words.implicitWidth

        Column {
            id: pile

            anchors.centerIn: parent
            spacing: Theme.mm(1.2)
            width: parent.width

            Icon {
                anchors.horizontalCenter: parent.horizontalCenter
                colour: control.ink
                name: control.iconName
                size: Theme.mm(12.4)
            }
            Label {
                id: words

                bold: control.bold
                color: control.ink
                horizontalAlignment: Text.AlignHCenter
                size: Theme.captionText
                text: control.text
                width: parent.width
            }
        }
    }
}
