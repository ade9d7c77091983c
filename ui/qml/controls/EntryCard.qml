pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// A station, a desk, a hotline: its name, some lines, its telephone number.
Rectangle {
    id: card

    property var entry: ({})
    readonly property string iconName: entry.icon !== "" ? entry.icon : "info"
    readonly property int pad: Theme.mm(6)

    border.color: Theme.divider
    border.width: Theme.hairline
    color: Theme.surface
    implicitHeight: Math.max(badge.height, pile.implicitHeight) + 2 * pad
    radius: Theme.radius

    Rectangle {
        id: badge

        color: Theme.soft
        height: Theme.badge
        radius: Theme.smallRadius
        width: height
        x: card.pad
        y: card.pad

        Icon {
            anchors.centerIn: parent
            colour: Theme.accent
            name: card.iconName
            size: badge.height * 0.52
        }
    }
    Column {
        id: pile

        anchors.left: badge.right
        anchors.leftMargin: Theme.mm(5)
        anchors.right: parent.right
        anchors.rightMargin: card.pad
        spacing: Theme.mm(1.2)
        y: card.pad + Math.max(0, (badge.height - implicitHeight) / 2)

        Label {
            bold: true
            even: true
            text: card.entry.name
            width: parent.width
        }
        Repeater {
            model: card.entry.lines

            Label {
                required property string modelData

                color: Theme.muted
                even: true
                size: Theme.smallText
                text: modelData
                width: pile.width
            }
        }
        Row {
            spacing: Theme.mm(2.6)
            visible: card.entry.phone !== ""

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                colour: Theme.accent
                name: "phone"
                size: Theme.mm(8.5 * Theme.headGrowth)
            }
            Label {
                bold: true
                color: Theme.accent
                size: Theme.bodyText
                text: card.entry.phone
                width: pile.width - Theme.mm(2.6 + 8.5 * Theme.headGrowth)
            }
        }
    }
}
