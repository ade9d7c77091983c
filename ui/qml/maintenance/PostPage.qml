pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// What waits for the centre, and why; nothing of what is in it.
Desk {
    id: page

    readonly property var about: ["courier", "centre", "delivery", "outbox", "outbox's disk", "keys", "certificate"]
    readonly property var ours: Bridge.state.findings.filter(finding => about.indexOf(finding.part) >= 0)
    readonly property var figures: Bridge.state.facts.filter(fact => /queued|quarantined|oldest|contact|reachable|certificate|key_set/.test(fact.name))

    help: Words.text("maintenance.post.help")
    title: Words.text("maintenance.page.post")

    Names {
        id: names
    }
    Column {
        spacing: Theme.gap
        width: parent.width

        Repeater {
            model: page.ours

            DeviceFinding {
                required property var modelData

                finding: modelData
            }
        }
    }
    Column {
        spacing: 0
        width: parent.width

        Repeater {
            model: page.figures

            FactRow {
                required property var modelData

                name: names.of("fact", modelData.name)
                value: names.has("value", modelData.value) ? names.of("value", modelData.value) : modelData.value
            }
        }
    }
    SmallButton {
        iconName: "search"
        objectName: "button:refresh"
        text: Bridge.state.asking > 0 ? Words.text("maintenance.asking") : Words.text("maintenance.refresh")
        width: parent.width

        onAct: Bridge.visit.refresh()
    }
}
