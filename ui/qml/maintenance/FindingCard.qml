import QtQuick
import "../controls"
import "../theme"

// One finding: how it is, why, and what to do.
Rectangle {
    id: card

    property string health: "works"
    property string title: ""
    property string cause: ""
    property string remedy: ""

    Accessible.description: cause + " " + remedy
    Accessible.name: title
    Accessible.role: Accessible.ListItem
    border.color: mark.ink
    border.width: Theme.line
    color: Theme.surface
    implicitHeight: pile.implicitHeight + 2 * Theme.mm(6)
    radius: Theme.radius
    width: parent?.width ?? 0

    HealthMark {
        id: mark

        health: card.health
        x: Theme.mm(6)
        y: Theme.mm(6)
    }
    Column {
        id: pile

        anchors.left: mark.right
        anchors.leftMargin: Theme.mm(5)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(6)
        spacing: Theme.mm(1.5)
        y: Theme.mm(6)

        Label {
            bold: true
            even: true
            text: card.title
            width: parent.width
        }
        Label {
            color: Theme.muted
            size: Theme.smallText
            text: card.cause
            visible: text !== ""
            width: parent.width
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
        Label {
            size: Theme.smallText
            text: "→ " + card.remedy
            visible: card.remedy !== ""
            width: parent.width
            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        }
    }
}
