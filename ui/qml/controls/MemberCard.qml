pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// A member of a list: what it is, what is known of it, Change and Remove. Remove asks once, in this place.
Rectangle {
    id: card

    property string label: ""
    property var lines: []
    property string target: ""
    property int number: 0
    property bool canRemove: true
    property bool unfinished: false
    property bool asking: false
    readonly property int pad: Theme.mm(6)
    readonly property bool beside: !Theme.enlarged  // the buttons stand at the right of the words

    signal asked
    signal kept

    border.color: asking ? Theme.accent : Theme.divider
    border.width: asking ? Theme.thickLine : Theme.hairline
    color: Theme.surface
    implicitHeight: beside ? Math.max(pile.implicitHeight + 2 * pad, choices.implicitHeight + 2 * Theme.mm(3)) : pile.implicitHeight + pad + choices.implicitHeight + 2 * Theme.mm(3)
    radius: Theme.radius

    Column {
        id: pile

        spacing: Theme.mm(1)
        width: card.width - 2 * card.pad - (card.beside ? choices.width : 0)
        x: card.pad
        y: card.pad

        Label {
            bold: true
            even: true
            text: card.asking ? Words.text("list.remove_ask") : card.label
            width: parent.width
        }
        Repeater {
            model: card.asking ? [card.label] : card.lines

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
            topPadding: Theme.mm(1)
            visible: card.unfinished && !card.asking

            Icon {
                colour: Theme.caution
                name: "triangle-alert"
                size: Theme.mm(9.5 * Theme.headGrowth)
            }
            Label {
                bold: true
                color: Theme.caution
                even: true
                objectName: "unfinished:" + card.target
                size: Theme.smallText
                text: Words.text("list.unfinished")
                width: pile.width - Theme.mm(2.6 + 9.5 * Theme.headGrowth)
            }
        }
    }
    // One above the other beside the words; beneath them, and side by side, where the text is large.
    Flow {
        id: choices

        spacing: Theme.mm(3)
        width: card.beside ? Math.max(change.implicitWidth, remove.implicitWidth, yes.implicitWidth, no.implicitWidth) : card.width - 2 * Theme.mm(3)
        x: card.beside ? card.width - width - Theme.mm(3) : Theme.mm(3)
        y: card.beside ? Math.max(Theme.mm(3), Math.round((card.height - implicitHeight) / 2)) : pile.y + pile.implicitHeight + Theme.mm(3)

        LinkButton {
            id: change

            iconName: "pencil"
            objectName: "change:" + card.target
            say: Words.fill("list.change_say", {
                "label": card.label,
                "number": card.number
            })
            text: Words.text("button.change")
            visible: !card.asking

            onAct: Bridge.visit.change(card.target)
        }
        LinkButton {
            id: remove

            iconName: "trash-2"
            objectName: "remove:" + card.target
            say: Words.fill("list.remove_say", {
                "label": card.label,
                "number": card.number
            })
            text: Words.text("button.remove")
            visible: card.canRemove && !card.asking

            onAct: {
                card.asked();
                no.forceActiveFocus();
            }
        }
        LinkButton {
            id: yes

            iconName: "trash-2"
            objectName: "remove_yes:" + card.target
            text: Words.text("list.remove_yes")
            visible: card.asking

            onAct: Bridge.visit.removeMember(card.target)
        }
        LinkButton {
            id: no

            iconName: "check"
            objectName: "remove_no:" + card.target
            text: Words.text("list.remove_no")
            visible: card.asking

            onAct: card.kept()
        }
    }
}
