pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// What the composed keys may mean. Two large arrows turn the pages; nothing here scrolls by itself.
Item {
    id: strip

    property var candidates: []
    property int keyHeight: Theme.mm(27)
    property int gap: Theme.mm(3)
    property var starts: [0]
    readonly property bool more: list.contentX + list.width < list.contentWidth - 1

    signal chosen(int index)

    function turnTo(index: int): void {
        list.positionViewAtIndex(index, ListView.Beginning);
    }

    onCandidatesChanged: {
        starts = [0];
        list.positionViewAtBeginning();
    }

    ListView {
        id: list

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: arrows.visible ? arrows.left : parent.right
        anchors.rightMargin: arrows.visible ? strip.gap : 0
        anchors.top: parent.top
        boundsBehavior: Flickable.StopAtBounds
        cacheBuffer: 0  // one that is made ahead lies over the first until it has found its place
        clip: true
        interactive: false
        model: strip.candidates
        orientation: ListView.Horizontal
        spacing: strip.gap

        delegate: KeyCap {
            id: candidate

            required property int index
            required property string modelData

            height: strip.keyHeight
            label: modelData
            objectName: "candidate:" + index
            visible: x >= list.contentX - 1 && x + width <= list.contentX + list.width + 1  // half a character helps nobody
            width: Math.max(strip.keyHeight, metrics.advanceWidth + 2 * Theme.mm(3.5))

            onAct: strip.chosen(index)

            TextMetrics {
                id: metrics

                font.family: Theme.family
                font.pixelSize: Theme.mm(11)
                text: candidate.modelData
            }
        }
    }
    Row {
        id: arrows

        anchors.bottom: parent.bottom
        anchors.right: parent.right
        anchors.top: parent.top
        spacing: strip.gap
        visible: list.contentWidth > strip.width

        KeyCap {
            enabled: strip.starts.length > 1
            height: strip.keyHeight
            iconName: "chevron-left"
            name: "page_previous"
            opacity: enabled ? 1 : 0.4
            role: "action"
            say: Words.text("keyboard.page_previous")
            width: strip.keyHeight

            onAct: {
                strip.starts = strip.starts.slice(0, -1);
                strip.turnTo(strip.starts[strip.starts.length - 1]);
            }
        }
        KeyCap {
            enabled: strip.more
            height: strip.keyHeight
            iconName: "chevron-right"
            name: "page_next"
            opacity: enabled ? 1 : 0.4
            role: "action"
            say: Words.text("keyboard.page_next")
            width: strip.keyHeight

            onAct: {
                const last = list.indexAt(list.contentX + list.width - 1, 1);
                const first = strip.starts[strip.starts.length - 1];
                const cut = list.itemAtIndex(last);
                const whole = cut !== null && cut.x + cut.width <= list.contentX + list.width + 1;
                const next = last < 0 ? first + 1 : Math.max(first + 1, whole ? last + 1 : last);
                strip.starts = strip.starts.concat([next]);
                strip.turnTo(next);
            }
        }
    }
}
