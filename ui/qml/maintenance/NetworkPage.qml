pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// The way to the centre, hop by hop, up to the first that fails.
Desk {
    id: page

    readonly property var hops: Bridge.state.hops
    readonly property var failing: hops.find(hop => hop.health === "mend") ?? null

    help: Words.text("maintenance.network.help")
    title: hops.length === 0 ? Words.text("maintenance.page.network") : failing === null ? Words.text("maintenance.network.good") : Words.fill("maintenance.network.bad", {
        "hop": names.of("hop", failing.hop)
    })

    Names {
        id: names
    }
    FailedLine {}
    SaidLine {
        text: Bridge.state.failed !== "" ? "" : page.hops.length === 0 ? Words.text("maintenance.network.asking") : ""
    }
    Column {
        spacing: Theme.gap
        width: parent.width

        Repeater {
            model: page.hops

            FindingCard {
                required property int index
                required property var modelData
                readonly property string time: modelData.ms === null || modelData.ms === undefined ? "" : Words.fill("maintenance.network.ms", {
                    "ms": Math.round(modelData.ms)
                })

                cause: [modelData.cause, time].filter(words => words !== "").join(" · ")
                health: modelData.health
                objectName: "hop:" + modelData.hop
                remedy: names.has("problem", modelData.problem ?? "") ? names.of("problem", modelData.problem) : modelData.remedy
                title: (index + 1) + ". " + names.of("hop", modelData.hop)
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
