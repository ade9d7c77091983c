pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Levers that belong together, behind what they do.
Item {
    id: row

    required property int boardNumber
    required property var modelData
    required property int number
    required property var simulated

    function stands(words: var): bool {
        // Several faults at once are told as "a+b".
        return Object.keys(words).every(key => key === "device" || String(simulated[key]).split("+").includes(String(words[key])));
    }

    height: Math.max(label.height, levers.height)

    Label {
        id: label

        color: Theme.muted
        height: Theme.mm(14)
        size: Theme.smallText
        text: row.modelData.label
        verticalAlignment: Text.AlignVCenter
        width: Theme.mm(56)
    }
    Flow {
        id: levers

        anchors.left: label.right
        anchors.right: parent.right
        spacing: Theme.mm(3)

        Repeater {
            model: row.modelData.levers

            DockButton {
                required property int index
                required property var modelData

                on: modelData.standing && row.stands(modelData.words)
                text: modelData.label

                onAct: Bridge.visit.pull(row.boardNumber, row.number, index)
            }
        }
    }
}
