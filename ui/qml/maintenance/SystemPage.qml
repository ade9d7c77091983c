pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../theme"

// What the kiosk runs on, and its processes, each of which can be started anew.
Desk {
    id: page

    readonly property var ours: Bridge.state.findings.filter(finding => ["disk", "clock", "settings", "fonts"].indexOf(finding.part) >= 0)

    help: Words.text("maintenance.system.help")
    title: Words.text("maintenance.page.system")

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
            model: Bridge.state.facts

            FactRow {
                required property var modelData

                name: names.of("fact", modelData.name)
                value: names.has("value", modelData.value) ? names.of("value", modelData.value) : modelData.value
            }
        }
    }
    Heading {
        text: Words.text("maintenance.system.restarts")
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: 2
        rowSpacing: Theme.gap
        uniformCellWidths: true
        width: parent.width

        Repeater {
            model: ["screen", "devices", "courier", "maintenance"]

            SmallButton {
                required property string modelData

                Layout.fillWidth: true
                Layout.preferredWidth: 1
                enabled: Bridge.state.restarting === ""
                iconName: ""
                objectName: "restart:" + modelData
                text: names.of("part", modelData)

                onAct: Bridge.visit.restart(modelData)
            }
        }
    }
    FailedLine {}
    SaidLine {
        objectName: "label:restarted"
        text: Bridge.state.restarting !== "" ? Words.fill("maintenance.system.restarting", {
            "what": names.of("part", Bridge.state.restarting)
        }) : Bridge.state.restarted !== "" ? Words.fill("maintenance.system.restarted", {
            "what": names.of("part", Bridge.state.restarted)
        }) : ""
    }
}
