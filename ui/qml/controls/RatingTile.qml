import QtQuick
import "../theme"

// An answer of the survey: words, and for a rating a face beside or above them. A tick says what is chosen.
Pressable {
    id: tile

    property string iconName: ""
    property bool selected: false
    property bool several: false
    property bool upright: false  // the face above the words

    Accessible.checkable: true
    Accessible.checked: selected
    Accessible.role: several ? Accessible.CheckBox : Accessible.RadioButton
    implicitHeight: Math.max(Theme.mm(upright ? 78 : 34.3), implicitContentHeight + topPadding + bottomPadding)
    implicitWidth: 0
    padding: Theme.mm(4)

    background: Rectangle {
        border.color: tile.selected ? Theme.accent : Theme.outline
        border.width: tile.selected ? Theme.thickLine : Theme.hairline
        color: tile.selected ? (tile.down ? Theme.softPressed : Theme.soft) : (tile.down ? Theme.soft : Theme.surface)
        radius: Theme.radius
    }
    contentItem: Item {
        implicitHeight: tile.upright ? face.height + Theme.mm(4) + words.implicitHeight : Math.max(words.implicitHeight, face.visible ? face.height : 0)

        Icon {
            id: face

            colour: Theme.accent
            name: tile.iconName
            size: Theme.mm(tile.upright ? 30 : 21)
            visible: tile.iconName !== ""
            x: tile.upright ? Math.round((parent.width - width) / 2) : Theme.mm(2)
            y: tile.upright ? Math.round((parent.height - height - Theme.mm(4) - words.implicitHeight) / 2) : Math.round((parent.height - height) / 2)
        }
        Label {
            id: words

            bold: tile.selected
            even: true
            horizontalAlignment: tile.upright ? Text.AlignHCenter : Text.AlignLeft
            text: tile.text
            width: tile.upright ? parent.width : parent.width - x - tick.width
            x: tile.upright ? 0 : face.visible ? face.x + face.width + Theme.mm(6) : Theme.mm(2)
            y: tile.upright ? face.y + face.height + Theme.mm(4) : Math.round((parent.height - implicitHeight) / 2)
        }
        Icon {
            id: tick

            colour: Theme.accent
            name: "check"
            size: Theme.mm(11)
            visible: tile.selected
            x: parent.width - width
            y: tile.upright ? 0 : Math.round((parent.height - height) / 2)
        }
    }
}
