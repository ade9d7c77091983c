pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Where a touch lands: nine crosses at corners, edges and centre; how far off each touch was, in millimetres.
Desk {
    id: page

    readonly property int count: 9
    readonly property real limit: 5  // a key is 15 mm and its neighbour 3 mm away: what is further off may hit another
    readonly property int inset: Theme.mm(18)
    property bool running: false
    property var offsets: []
    readonly property bool finished: !running && offsets.length === count
    readonly property int missed: offsets.filter(offset => offset > limit).length

    function centreOf(place: int): point {
        const column = place % 3;
        const row = Math.floor(place / 3);
        return Qt.point(inset + column * (width - 2 * inset) / 2, inset + row * (height - 2 * inset) / 2);
    }

    function take(x: real, y: real): void {
        const centre = centreOf(offsets.length);
        offsets = [...offsets, Math.hypot(x - centre.x, y - centre.y) / Theme.pixelsPerMm];
        running = offsets.length < count;
    }

    function lengthOf(offset: real): string {
        return Words.fill("maintenance.touch.offset", {
            "length": offset.toFixed(1)
        });
    }

    bare: running
    help: Words.text("maintenance.touch.help")
    title: Words.text("maintenance.touch.title")

    PrimaryButton {
        objectName: "button:touch_start"
        text: Words.text("maintenance.touch.start")
        width: parent.width

        onAct: {
            page.offsets = [];
            page.running = true;
        }
    }
    FindingCard {
        health: page.missed === 0 ? "works" : "mend"
        objectName: "label:touch_result"
        title: Words.fill(page.missed === 0 ? "maintenance.touch.result_good" : "maintenance.touch.result_bad", {
            "count": page.missed,
            "limit": page.limit
        })
        visible: page.finished
    }
    Column {
        spacing: 0
        visible: page.finished
        width: parent.width

        FactRow {
            name: Words.text("maintenance.touch.largest")
            value: page.lengthOf(Math.max(0, ...page.offsets))
        }
        FactRow {
            name: Words.text("maintenance.touch.mean")
            value: page.lengthOf(page.offsets.reduce((sum, offset) => sum + offset, 0) / page.count)
        }
        Repeater {
            model: page.offsets

            FactRow {
                required property int index
                required property real modelData

                ink: modelData > page.limit ? Theme.emergency : Theme.text
                name: Words.text("maintenance.touch.place_" + (index + 1))
                value: page.lengthOf(modelData)
            }
        }
    }
    TestPanel {
        test: "touch"
    }

    parts: [
        Rectangle {
            id: sheet

            anchors.fill: parent
            color: Theme.surface
            objectName: "sheet:touch"
            visible: page.running
            z: 5

            MouseArea {
                anchors.fill: parent
                enabled: page.running && Touch.settled
                objectName: "area:touch"

                onPressed: mouse => page.take(mouse.x, mouse.y)
            }
            Item {
                id: cross

                readonly property point centre: page.centreOf(Math.min(page.offsets.length, page.count - 1))

                height: Theme.mm(20)
                width: height
                x: centre.x - width / 2
                y: centre.y - height / 2

                Rectangle {
                    anchors.centerIn: parent
                    color: Theme.accent
                    height: Theme.hairline
                    width: parent.width
                }
                Rectangle {
                    anchors.centerIn: parent
                    color: Theme.accent
                    height: parent.height
                    width: Theme.hairline
                }
                Rectangle {
                    anchors.centerIn: parent
                    border.color: Theme.accent
                    border.width: Theme.line
                    color: "transparent"
                    height: Theme.mm(10)
                    radius: height / 2
                    width: height
                }
            }
            Label {
                even: true
                horizontalAlignment: Text.AlignHCenter
                text: Words.fill("maintenance.touch.now", {
                    "count": page.count,
                    "number": Math.min(page.offsets.length + 1, page.count)
                })
                width: parent.width - 4 * page.inset
                x: 2 * page.inset
                y: Math.round(parent.height * 0.24)
            }
            SecondaryButton {
                anchors.horizontalCenter: parent.horizontalCenter
                objectName: "button:touch_stop"
                text: Words.text("maintenance.touch.stop")
                width: Theme.mm(130)
                y: Math.round(parent.height * 0.7)

                onAct: page.running = false
            }
        }
    ]
}
