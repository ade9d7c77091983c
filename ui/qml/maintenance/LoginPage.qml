pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Who may enter: a pass or a number, and a PIN. Every refusal is calm and says what to do.
Desk {
    id: page

    readonly property var entry: Bridge.state
    readonly property string refusal: entry.reason === "" ? "" : Words.text("maintenance.denied." + entry.reason)
    readonly property string waiting: entry.wait > 0 ? Words.fill("maintenance.login.wait", {
        "seconds": entry.wait
    }) : ""
    readonly property bool beside: !upright
    readonly property int part: beside ? Math.floor((contentWidth - Theme.wideGap) / 2) : contentWidth

    help: Words.text("maintenance.login.help")
    title: Words.text("maintenance.login.title")

    Flow {
        spacing: Theme.wideGap
        width: parent.width

        Column {
            spacing: Theme.mm(6)
            width: page.part

            EntryBox {
                current: !page.entry.named
                title: Words.text("maintenance.login.who")
                width: parent.width

                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    bold: true
                    objectName: "label:who"
                    size: page.entry.has_pass ? Theme.bodyText : Theme.mm(13)
                    text: page.entry.has_pass ? Words.text("maintenance.login.pass") : "T " + page.entry.code.split("").join(" ")
                }
            }
            EntryBox {
                current: page.entry.named
                title: Words.text("maintenance.login.pin")
                width: parent.width

                Row {
                    Accessible.name: Words.fill("maintenance.login.pin_say", {
                        "count": page.entry.dots
                    })
                    Accessible.role: Accessible.StaticText
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: Theme.mm(4)

                    Repeater {
                        model: page.entry.dots

                        Rectangle {
                            color: Theme.text
                            height: Theme.mm(5.5)
                            radius: height / 2
                            width: height
                        }
                    }
                }
            }
            MessageLine {
                edge: Theme.caution
                iconName: page.waiting === "" ? "info" : "clock"
                objectName: "label:refusal"
                text: page.refusal + (page.refusal !== "" && page.waiting !== "" ? " " : "") + page.waiting
                visible: text !== ""
                width: parent.width
            }
        }
        Column {
            spacing: Theme.gap
            width: page.part

            Grid {
                id: pad

                readonly property int key: Math.floor((width - 2 * spacing) / 3)

                columns: 3
                spacing: Theme.gap
                width: parent.width

                Repeater {
                    model: ["1", "2", "3", "4", "5", "6", "7", "8", "9"]

                    PadKey {
                        required property string modelData

                        enabled: page.entry.wait === 0
                        objectName: "pad:" + modelData
                        text: modelData
                        width: pad.key

                        onAct: Bridge.visit.typeDigit(modelData)
                    }
                }
                PadKey {
                    iconName: "delete"
                    objectName: "pad:delete"
                    say: Words.text("maintenance.login.delete")
                    width: pad.key

                    onAct: Bridge.visit.deleteDigit()
                }
                PadKey {
                    enabled: page.entry.wait === 0
                    objectName: "pad:0"
                    text: "0"
                    width: pad.key

                    onAct: Bridge.visit.typeDigit("0")
                }
            }
            PrimaryButton {
                enabled: page.entry.named && page.entry.dots > 0 && page.entry.wait === 0 && page.entry.asking === 0
                iconName: "key"
                iconFirst: true
                objectName: "button:enter"
                text: Words.text("maintenance.login.enter")
                width: parent.width

                onAct: Bridge.visit.enter()
            }
        }
    }
}
