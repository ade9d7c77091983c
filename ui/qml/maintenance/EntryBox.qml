import QtQuick
import "../controls"
import "../theme"

// What was typed so far; the one that takes the next key has a strong edge.
Column {
    id: box

    default property alias content: inside.data
    property string title: ""
    property bool current: false

    spacing: Theme.mm(2)

    Label {
        color: Theme.muted
        size: Theme.supportText
        text: box.title
        width: parent.width
    }
    Rectangle {
        border.color: box.current ? Theme.accent : Theme.outline
        border.width: box.current ? Theme.thickLine : Theme.hairline
        color: Theme.surface
        height: Theme.mm(24)
        radius: Theme.radius
        width: parent.width

        Item {
            id: inside

            anchors.fill: parent
            anchors.leftMargin: Theme.mm(6)
            anchors.rightMargin: Theme.mm(6)
        }
    }
}
