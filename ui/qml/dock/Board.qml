pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// One device: its name, how it is, what it says of itself, and its levers in rows.
Rectangle {
    id: board

    required property int number
    readonly property int factLines: ["camera", "panel"].includes(modelData.name) ? 1 : 2
    required property var modelData
    readonly property var now: Bridge.state.standing[modelData.name]
    readonly property bool known: now !== undefined
    readonly property bool prints: modelData.name === "printer" && Bridge.state.paper !== ""
    readonly property int inner: Theme.mm(5)

    border.color: Theme.divider
    border.width: Theme.hairline
    color: Theme.surface
    height: content.height + 2 * inner
    radius: Theme.smallRadius

    Column {
        id: content

        spacing: Theme.mm(4)
        width: board.width - 2 * board.inner - (board.prints ? paper.width + board.inner : 0)
        x: board.inner
        y: board.inner

        Item {
            height: Math.max(name.height, pill.height)
            width: parent.width

            Label {
                id: name

                anchors.verticalCenter: parent.verticalCenter
                bold: true
                text: board.modelData.title
            }
            Pill {
                id: pill

                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                mood: board.known ? board.now.mood : "none"
                word: board.known ? board.now.word : "…"
            }
        }
        Item {
            // Always as high: levers must not move away while they are pulled.
            height: board.factLines * line.height
            visible: board.modelData.name !== "network"
            width: parent.width

            Label {
                id: line

                size: Theme.captionText
                text: " "
                visible: false
            }
            Label {
                color: Theme.muted
                elide: Text.ElideRight
                maximumLineCount: board.factLines
                size: Theme.captionText
                text: board.known ? board.now.facts : ""
                width: parent.width
            }
        }
        Repeater {
            model: board.modelData.rows

            LeverRow {
                required property int index

                boardNumber: board.number
                number: index
                simulated: board.known ? board.now.simulated : ({})
                width: content.width
            }
        }
    }
    LatestPaper {
        id: paper

        anchors.right: parent.right
        anchors.rightMargin: board.inner
        address: Bridge.state.paper
        height: content.height
        visible: board.prints
        width: Theme.mm(66)
        y: board.inner
    }
}
