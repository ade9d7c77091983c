import QtQuick
import "../theme"

// A card over the screen with a question and its answers.
Rectangle {
    id: sheet

    default property alias content: answers.data
    property string iconName: ""
    property string title: ""
    property string text: ""
    readonly property int columns: width > Theme.mm(320) ? 2 : 1
    readonly property int cell: (answers.width - (columns - 1) * answers.spacing) / columns
    readonly property int tallest: answers.children.reduce((most, answer) => Math.max(most, answer.implicitHeight), 0)

    Accessible.description: text
    Accessible.name: title
    Accessible.role: Accessible.Dialog
    border.color: Theme.contrast ? Theme.accent : "transparent"
    border.width: Theme.contrast ? Theme.thickLine : 0
    color: Theme.contrast ? "#000000" : Theme.surface
    implicitHeight: pile.implicitHeight + 2 * pile.y
    radius: Theme.mm(6.6)

    Column {
        id: pile

        spacing: Theme.mm(6.6)
        width: parent.width - 2 * x
        x: Theme.mm(13)
        y: Theme.mm(13)

        Icon {
            colour: Theme.accent
            name: sheet.iconName
            size: Theme.mm(19)
            visible: !Theme.enlarged
        }
        Label {
            Accessible.role: Accessible.Heading
            bold: true
            even: true
            size: Math.round(Theme.titleText * 0.86)
            text: sheet.title
            width: parent.width
        }
        Label {
            color: Theme.muted
            even: true
            text: sheet.text
            visible: text !== ""
            width: parent.width
        }
        Item {
            height: Theme.mm(2)
            width: 1
        }
        Grid {
            id: answers

            columns: sheet.columns
            spacing: Theme.mm(5)
            width: parent.width
        }
    }
}
