pragma ComponentBehavior: Bound
import QtQuick
import "../theme"
import "Health.js" as Health

// All about one device: its state, its self-tests, what it says of itself, and what it was.
Desk {
    id: page

    required property string device
    readonly property string now: Bridge.state.device_states[device] ?? "unknown"
    readonly property var known: Bridge.state.devices[device] ?? ({
            "facts": [],
            "history": []
        })
    readonly property bool there: now !== "not_installed"

    title: names.of("part", device)

    Names {
        id: names
    }
    FindingCard {
        cause: ""
        health: Health.ofState(page.now)
        objectName: "label:state"
        remedy: names.has("remedy", page.now) ? names.of("remedy", page.now) : ""
        title: names.of("state", page.now)
    }
    FailedLine {}
    Loader {
        sourceComponent: !page.there ? null : page.device === "printer" ? printer : page.device === "camera" ? camera : page.device === "panel" ? panel : reader
        visible: item !== null
        width: parent.width
    }
    Column {
        spacing: Theme.gap
        visible: page.there
        width: parent.width

        SmallButton {
            enabled: Bridge.state.restarting === ""
            iconName: "arrow-right"
            objectName: "button:restart"
            text: Words.text(enabled ? "maintenance.device.restart" : "maintenance.device.restarting")
            width: parent.width

            onAct: Bridge.visit.restart(page.device)
        }
        SaidLine {
            objectName: "label:restarted"
            text: Bridge.state.restarted === page.device ? Words.text("maintenance.device.restarted") : ""
        }
    }
    Column {
        spacing: 0
        width: parent.width

        Heading {
            text: Words.text("maintenance.device.history")
        }
        SaidLine {
            bold: false
            color: Theme.muted
            text: page.known.history.length === 0 ? Words.text("maintenance.device.no_history") : ""
        }
        Repeater {
            model: page.known.history.slice(0, 12)

            FactRow {
                required property var modelData

                name: modelData.at
                value: names.of("state", modelData.state)
            }
        }
    }
    Column {
        spacing: 0
        width: parent.width

        Heading {
            text: Words.text("maintenance.device.facts")
        }
        SaidLine {
            bold: false
            color: Theme.muted
            text: page.known.facts.length === 0 ? Words.text("maintenance.device.no_facts") : ""
        }
        Repeater {
            model: page.known.facts

            FactRow {
                required property var modelData

                name: names.of("fact", modelData.name)
                value: names.has("value", modelData.value) ? names.of("value", modelData.value) : modelData.value
            }
        }
    }

    Component {
        id: printer

        PrinterTest {}
    }
    Component {
        id: camera

        CameraTest {}
    }
    Component {
        id: reader

        ReaderTest {
            test: page.device
        }
    }
    Component {
        id: panel

        Column {
            spacing: Theme.wideGap

            PanelTry {
                part: "lamp"
                steps: [Words.text("maintenance.steps.panel_lamp_1")]
                test: "panel_lamp"
            }
            PanelTry {
                part: "buzzer"
                steps: [Words.text("maintenance.steps.panel_buzzer_1")]
                test: "panel_buzzer"
            }
            KeypadTest {}
        }
    }
}
