pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// One row of keys, centred when it does not fill the width.
Item {
    id: line

    property var keys: []
    property int keyHeight: Theme.mm(27)
    property int gap: Theme.mm(3)
    property real unit: (width - 9 * gap) / 10

    signal pressed(string name)

    function wordOf(name: string): string {
        return Words.text("keyboard." + name.replace("mode:", "method_"));
    }
    function iconOf(name: string): string {
        return name === "backspace" ? "delete" : name === "shift" ? "arrow-big-up" : "";
    }

    implicitHeight: keyHeight

    Row {
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: line.gap

        Repeater {
            // By number, so that a key stays the same item while its character changes beneath a finger.
            model: line.keys.length

            KeyCap {
                required property int index
                readonly property var key: line.keys[index] ?? ({
                        "name": "",
                        "role": "action",
                        "label": "",
                        "corner": "",
                        "span": 1,
                        "chosen": false
                    })
                readonly property bool labelled: key.label !== "" || key.name === ""

                chosen: key.chosen
                corner: key.corner
                height: line.keyHeight
                iconName: line.iconOf(key.name)
                label: labelled ? key.label : line.wordOf(key.name)
                large: key.span > 2 && key.role === "compose"
                name: key.name
                role: key.role
                width: key.span * line.unit + (key.span - 1) * line.gap
                word: !labelled || label.length > 1

                onAct: line.pressed(name)
            }
        }
    }
}
