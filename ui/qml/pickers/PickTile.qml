import QtQuick
import "../controls"
import "../theme"

// One of a few answers in a picker: words, perhaps a line beneath, and its state.
Pressable {
    id: tile

    property bool selected: false
    property string hint: ""
    property bool plain: false
    property bool strong: false
    property int size: Theme.supportText

    Accessible.checkable: true
    Accessible.checked: selected
    Accessible.description: hint
    Accessible.role: Accessible.RadioButton
    implicitHeight: Math.max(Theme.mm(29), implicitContentHeight + topPadding + bottomPadding)
    padding: Theme.mm(2.5)
    repeatTime: 0
    say: text

    background: Rectangle {
        border.color: tile.selected ? Theme.accent : Theme.outline
        border.width: tile.selected ? Theme.thickLine : Theme.hairline
        color: tile.selected ? (tile.down ? Theme.softPressed : Theme.soft) : (tile.down ? Theme.soft : Theme.surface)
        radius: Theme.radius
        visible: !tile.plain
    }
    contentItem: Item {
        implicitHeight: words.implicitHeight

        Column {
            id: words

            anchors.verticalCenter: parent.verticalCenter
            width: parent.width

            Label {
                bold: tile.selected || tile.strong
                even: true
                horizontalAlignment: Text.AlignHCenter
                lineHeight: 0.95
                size: tile.size
                text: tile.text
                width: parent.width
            }
            Label {
                color: Theme.muted
                even: true
                horizontalAlignment: Text.AlignHCenter
                lineHeight: 0.95
                size: Theme.captionText
                text: tile.hint
                visible: text !== ""
                width: parent.width
            }
        }
    }
}
