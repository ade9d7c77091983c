pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// What is looked at by hand, by the day it is due.
Desk {
    id: page

    readonly property var items: [...Bridge.state.items].sort((one, other) => one.due_at < other.due_at ? -1 : one.due_at > other.due_at ? 1 : 0)

    help: Words.text("maintenance.checklist.help")
    title: Words.text("maintenance.page.checklist")

    Names {
        id: names
    }
    FailedLine {}
    Column {
        spacing: Theme.gap
        width: parent.width

        Repeater {
            model: page.items

            Card {
                id: card

                required property var modelData
                readonly property int inner: width - 2 * Theme.mm(11)
                readonly property var last: modelData.last ?? ({})
                readonly property bool late: modelData.overdue || last.passed === false

                objectName: "item:" + modelData.item
                width: parent.width

                Row {
                    spacing: Theme.mm(4)

                    HealthMark {
                        anchors.verticalCenter: parent.verticalCenter
                        health: card.last.passed === false ? "mend" : card.late ? "watch" : "works"
                        size: Theme.mm(10.5)
                    }
                    Column {
                        width: card.inner - Theme.mm(14.5)

                        Label {
                            bold: true
                            even: true
                            text: (card.modelData.words ?? {})[Words.language] ?? names.of("item", card.modelData.item)
                            width: parent.width
                        }
                        Label {
                            color: card.late ? Theme.caution : Theme.muted
                            even: true
                            size: Theme.captionText
                            text: Words.fill(card.modelData.overdue ? "maintenance.checklist.overdue" : "maintenance.checklist.due", {
                                "day": card.modelData.due_at,
                                "days": card.modelData.every_days
                            })
                            width: parent.width
                        }
                        Label {
                            color: Theme.muted
                            even: true
                            size: Theme.captionText
                            text: card.last.at === undefined ? Words.text("maintenance.never") : Words.fill(card.last.passed ? "maintenance.test.last_passed" : "maintenance.test.last_failed", card.last)
                            width: parent.width
                        }
                    }
                }
                Row {
                    spacing: Theme.gap
                    topPadding: Theme.mm(2)

                    SmallButton {
                        iconName: "check"
                        objectName: "good:" + card.modelData.item
                        text: Words.text("maintenance.checklist.good")
                        width: Math.floor((card.inner - Theme.gap) / 2)

                        onAct: Bridge.visit.tick(card.modelData.item, true)
                    }
                    SmallButton {
                        iconName: "x"
                        ink: Theme.contrast ? Theme.accent : Theme.emergency
                        objectName: "bad:" + card.modelData.item
                        outline: ink
                        text: Words.text("maintenance.checklist.bad")
                        width: Math.floor((card.inner - Theme.gap) / 2)

                        onAct: Bridge.visit.tick(card.modelData.item, false)
                    }
                }
            }
        }
    }
}
