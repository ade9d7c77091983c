import QtQuick
import "../theme"

// Things that belong together.
Rectangle {
    id: card

    default property alias content: pile.data

    border.color: Theme.divider
    border.width: Theme.hairline
    color: Theme.surface
    implicitHeight: pile.implicitHeight + 2 * Theme.mm(9)
    radius: Theme.mm(5)

    Column {
        id: pile

        spacing: Theme.mm(3)
        width: card.width - 2 * x
        x: Theme.mm(11)
        y: Theme.mm(9)
    }
}
