import QtQuick
import "../theme"

// The one way on.
Pressable {
    id: control

    property string iconName: ""
    property bool iconFirst: false
    property bool onNavy: false
    property color ground: onNavy && !Theme.contrast ? (down ? Theme.softPressed : "#FFFFFF") : down ? Theme.accentPressed : Theme.accent
    property color outline: "transparent"
    property color ink: onNavy && !Theme.contrast ? Theme.band : Theme.accentInk

    focusColour: onNavy ? Theme.focusOnBand : Theme.focus

    implicitHeight: Math.max(Theme.button, implicitContentHeight + topPadding + bottomPadding)
    leftPadding: Theme.wideGap
    rightPadding: Theme.wideGap

    background: Rectangle {
        border.color: control.outline
        border.width: Theme.line
        color: control.ground
        opacity: control.enabled ? 1 : 0.45
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: row.implicitHeight
        implicitWidth: Math.ceil(natural.advanceWidth) + 2 + (picture.visible ? picture.width + row.spacing : 0)

        TextMetrics {
            id: natural

            font: Theme.fontOf(Theme.mm(11 * Theme.growth), true)
            text: control.text
        }
        Row {
            id: row

            anchors.centerIn: parent
            layoutDirection: control.iconFirst ? Qt.RightToLeft : Qt.LeftToRight
            spacing: Theme.mm(5.5)

            Label {
                id: words

                readonly property real room: control.availableWidth - (picture.visible ? picture.width + row.spacing : 0)

                anchors.verticalCenter: parent.verticalCenter
                bold: true
                color: control.ink
                horizontalAlignment: Text.AlignHCenter
                size: Bridge.lines.fitting(text, natural.font, 0.85, room)
                text: control.text
                width: Math.min(Math.ceil(implicitWidth), room - Bridge.lines.spare(text, font, room))
            }
            Icon {
                id: picture

                anchors.verticalCenter: parent.verticalCenter
                colour: control.ink
                name: control.iconName
                size: Theme.mm(10 * Theme.headGrowth)
                visible: control.iconName !== ""
            }
        }
    }
}
