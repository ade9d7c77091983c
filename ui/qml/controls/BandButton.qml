import QtQuick
import "../theme"

// A button on navy ground.
Pressable {
    id: control

    property string iconName: ""
    property bool bold: false
    property color ink: Theme.bandInk
    property color ground: control.down ? Theme.bandPressed : "transparent"
    property color outline: Theme.bandOutline

    focusColour: Theme.focusOnBand
    implicitHeight: Math.max(Theme.mm(34), implicitContentHeight + topPadding + bottomPadding)
    padding: Theme.mm(3)

    background: Rectangle {
        border.color: control.outline
        border.width: Theme.line
        color: control.ground
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: words.implicitHeight

        Row {
            anchors.centerIn: parent
            spacing: Theme.mm(5)

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                colour: control.ink
                name: control.iconName
                size: Theme.mm(13)
            }
            Label {
                id: words

                anchors.verticalCenter: parent.verticalCenter
                bold: control.bold
                color: control.ink
                size: Theme.mm(9.4)
                text: control.text
                width: Math.min(Math.ceil(implicitWidth), control.availableWidth - Theme.mm(18))
            }
        }
    }
}
