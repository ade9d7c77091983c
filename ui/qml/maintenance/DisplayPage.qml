pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Whole-screen colours and a pattern of single dots, judged by eye.
Desk {
    id: page

    readonly property var colours: ["#FFFFFF", "#000000", "#FF0000", "#00FF00", "#0000FF", ""]  // the last is the pattern
    property int at: -1

    function next(): void {
        at = at + 1 < colours.length ? at + 1 : -1;
    }

    bare: at >= 0
    help: Words.text("maintenance.display.help")
    title: Words.text("maintenance.display.title")

    TestPanel {
        steps: [1, 2, 3].map(step => Words.text("maintenance.display.look_" + step))
        test: "display"

        PrimaryButton {
            implicitHeight: Theme.mm(26)
            objectName: "button:display_start"
            text: Words.text("maintenance.display.start")
            width: parent.width

            onAct: page.next()
        }
    }

    parts: [
        Pressable {
            anchors.fill: parent
            guarded: false
            objectName: "sheet:display"
            say: Words.text("maintenance.display.next")
            visible: page.at >= 0
            z: 5

            background: Rectangle {
                color: page.at < 0 || page.colours[page.at] === "" ? "#FFFFFF" : page.colours[page.at]

                Image {
                    anchors.fill: parent
                    fillMode: Image.Tile
                    source: "image://photos/pixels"
                    visible: page.at >= 0 && page.colours[page.at] === ""
                }
            }

            onAct: page.next()
            onVisibleChanged: {
                if (visible)
                    forceActiveFocus();
            }
        }
    ]
}
