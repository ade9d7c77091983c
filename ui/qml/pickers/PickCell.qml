import QtQuick
import "../controls"
import "../theme"

// One cell of a calendar or of a clock.
Pressable {
    id: cell

    property bool selected: false
    property bool marked: false

    Accessible.checkable: true
    Accessible.checked: selected
    implicitHeight: Theme.mm(22)
    implicitWidth: Theme.target
    padding: 0
    repeatTime: 0

    background: Rectangle {
        border.color: cell.selected ? Theme.accent : cell.marked ? Theme.accent : Theme.divider
        border.width: cell.marked && !cell.selected ? Theme.line : Theme.hairline
        color: cell.selected ? (cell.down ? Theme.accentPressed : Theme.accent) : cell.down ? Theme.softPressed : cell.enabled ? Theme.surface : "transparent"
        radius: Theme.smallRadius
        visible: cell.enabled
    }
    contentItem: Label {
        bold: cell.selected || cell.marked
        color: cell.selected ? Theme.accentInk : Theme.text
        horizontalAlignment: Text.AlignHCenter
        opacity: cell.enabled ? 1 : 0.35
        size: Math.min(Theme.mm(9.4 * Theme.headGrowth), cell.height * 0.52)
        text: cell.text
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.NoWrap
    }
}
