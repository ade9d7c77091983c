pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// The keys of the keypad as they lie, each lit once it was pressed.
TestPanel {
    id: panel

    readonly property bool trying: Bridge.state.trying_keys

    steps: [Words.text("maintenance.steps.panel_keypad_1")]
    test: "panel_keypad"

    Grid {
        id: pad

        columns: 3
        spacing: Theme.gap
        width: parent.width

        Repeater {
            model: ["louder", "up", "help", "left", "ok", "right", "softer", "down", "back"]

            Rectangle {
                id: cap

                required property string modelData
                readonly property bool lit: Bridge.state.pressed.indexOf(modelData) >= 0

                border.color: lit ? Theme.success : Theme.outline
                border.width: lit ? Theme.thickLine : Theme.hairline
                color: lit ? Theme.success : Theme.surface
                height: Theme.mm(20)
                objectName: (lit ? "lit:" : "dark:") + modelData
                radius: Theme.smallRadius
                width: Math.floor((pad.width - 2 * pad.spacing) / 3)

                Label {
                    anchors.centerIn: parent
                    bold: cap.lit
                    color: cap.lit ? (Theme.contrast ? "#000000" : "#FFFFFF") : Theme.text
                    size: Theme.smallText
                    text: Words.text("maintenance.key." + cap.modelData)
                }
            }
        }
    }
    PrimaryButton {
        implicitHeight: Theme.mm(26)
        objectName: "button:keys"
        text: Words.text(panel.trying ? "maintenance.test.stop" : "maintenance.test.start")
        width: parent.width

        onAct: Bridge.visit.tryKeys(!panel.trying)
    }
}
