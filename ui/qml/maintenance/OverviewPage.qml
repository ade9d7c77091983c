pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"
import "Health.js" as Health

// One glance says what to mend: the worst first, what works in one line, and beneath it every other page.
Desk {
    id: page

    readonly property var findings: Bridge.state.findings
    readonly property var bad: findings.filter(finding => finding.health !== "works")
    readonly property int broken: findings.filter(finding => finding.health === "mend").length
    readonly property var good: findings.filter(finding => finding.health === "works").map(finding => names.of("part", finding.part.split(": ")[0])).filter((name, at, all) => all.indexOf(name) === at)
    readonly property int overdue: Bridge.state.items.filter(item => item.overdue).length
    readonly property int columns: contentWidth > Theme.mm(300) ? 3 : 2

    title: {
        if (findings.length === 0)
            return Words.text("maintenance.overview.title_asking");
        const kind = broken > 0 ? "title_mend" : bad.length > 0 ? "title_watch" : "title_works";
        return Words.fill("maintenance.overview." + kind, {
            "count": broken > 0 ? broken : bad.length
        });
    }
    titleIcon: findings.length > 0 && bad.length === 0 ? "circle-check" : ""

    Names {
        id: names
    }
    Column {
        spacing: Theme.gap
        width: parent.width

        Repeater {
            model: page.bad

            DeviceFinding {
                required property var modelData

                finding: modelData
            }
        }
        Label {
            color: Theme.muted
            objectName: "label:works"
            size: Theme.smallText
            text: Words.fill("maintenance.overview.works", {
                "parts": page.good.join(Words.text("maintenance.overview.comma"))
            })
            visible: page.good.length > 0
            width: parent.width
        }
        SmallButton {
            iconName: "search"
            objectName: "button:refresh"
            text: Bridge.state.asking > 0 ? Words.text("maintenance.asking") : Words.text("maintenance.refresh")
            width: parent.width

            onAct: Bridge.visit.refresh()
        }
    }
    Heading {
        text: Words.text("maintenance.overview.devices")
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: page.columns
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: ["printer", "scanner", "document_reader", "camera", "panel"]

            MenuTile {
                required property string modelData
                readonly property string now: Bridge.state.device_states[modelData] ?? "unknown"

                health: now === "not_installed" ? "" : Health.ofState(now)
                hint: names.of("state", now)
                iconName: Health.iconOfDevice(modelData)
                objectName: "device:" + modelData
                text: names.of("part", modelData)

                onAct: Bridge.visit.open("device", modelData)
            }
        }
    }
    Heading {
        text: Words.text("maintenance.overview.more")
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: page.columns
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: [["sound", "message-square-text"], ["touch", "pen-line"], ["display", "contrast"], ["network", "globe"], ["post", "mail"], ["system", "info"], ["checklist", "check"], ["events", "list"], ["bundle", "wallet"], ["report", "file-text"]]

            MenuTile {
                required property var modelData
                readonly property string target: modelData[0]
                readonly property bool late: target === "checklist" && page.overdue > 0

                health: late ? "watch" : ""
                hint: late ? Words.fill("maintenance.overview.overdue", {
                    "count": page.overdue
                }) : Words.text("maintenance.hint." + target)
                iconName: modelData[1]
                objectName: "page:" + target
                text: Words.text("maintenance.page." + target)

                onAct: Bridge.visit.open(target)
            }
        }
    }
}
