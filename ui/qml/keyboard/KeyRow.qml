pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// One row of keys, centred when it does not fill the width.
Item {
    id: line

    required property Keyboard keyboard
    property var keys: []

    height: keyboard.keyHeight

    Row {
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: line.keyboard.gap

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
                readonly property bool isMark: key.label !== ""

                chosen: key.chosen
                corner: key.corner
                height: line.keyboard.keyHeight
                iconName: line.keyboard.iconOf(key.name)
                label: isMark || key.name === "" ? key.label : line.keyboard.wordOf(key.name)
                large: key.span > 2 && key.role === "compose"
                name: key.name
                role: key.role
                width: line.keyboard.widthOf(key.span)
                word: !isMark || label.length > 1

                onAct: line.keyboard.bridge.press(name)
            }
        }
    }
}
