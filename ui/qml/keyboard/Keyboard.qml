pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Window
import "../theme"

// The keyboard of the kiosk. Which keys there are and what they do is decided by `ui.input`; here they are drawn.
Rectangle {
    id: keyboard

    property Item target: null
    property string kind: "none"
    property string language: Words.language

    readonly property var bridge: Bridge.keyboard
    readonly property var rows: bridge.rows
    readonly property var marks: bridge.marks
    readonly property bool hasStrip: marks.length > 0 && rows.length < 5
    readonly property int rowCount: rows.length + (hasStrip ? 1 : 0)

    // Wide screens are low: there the keys are less high.
    readonly property bool low: Window.width > Window.height
    readonly property int gap: Theme.mm(3)
    readonly property int edge: Theme.mm(4.4)
    readonly property int keyHeight: low ? Theme.mm(21) : Theme.mm(27)
    readonly property int boardWidth: Math.min(width - 2 * edge, Theme.mm(430))

    signal done

    function open(): void {
        bridge.open(target, kind, language);
    }

    color: Theme.keyboard
    implicitHeight: rowCount === 0 ? 0 : rowCount * keyHeight + (rowCount - 1) * gap + 2 * edge
    visible: rowCount > 0

    Component.onCompleted: open()
    onKindChanged: open()
    onLanguageChanged: open()
    onTargetChanged: open()

    // A press between two keys is a miss, not a press on what lies beneath.
    MouseArea {
        anchors.fill: parent
    }
    Connections {
        function onDone(): void {
            keyboard.done();
        }

        target: keyboard.bridge
    }
    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: parent.top
        anchors.topMargin: keyboard.edge
        spacing: keyboard.gap
        width: keyboard.boardWidth

        Item {
            height: keyboard.keyHeight
            visible: keyboard.hasStrip
            width: parent.width

            CandidateStrip {
                anchors.fill: parent
                candidates: keyboard.bridge.candidates
                gap: keyboard.gap
                keyHeight: keyboard.keyHeight
                visible: keyboard.bridge.preedit !== ""

                onChosen: index => keyboard.bridge.choose(index)
            }
            KeyRow {
                gap: keyboard.gap
                keyHeight: keyboard.keyHeight
                keys: keyboard.marks
                visible: keyboard.bridge.preedit === ""
                width: parent.width

                onPressed: name => keyboard.bridge.press(name)
            }
        }
        Repeater {
            model: keyboard.rows.length

            KeyRow {
                required property int index

                gap: keyboard.gap
                keyHeight: keyboard.keyHeight
                keys: keyboard.rows[index] ?? []
                width: keyboard.boardWidth

                onPressed: name => keyboard.bridge.press(name)
            }
        }
    }
}
