pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Window
import "../controls"
import "../theme"

// The window of a developer beside the kiosk: what every simulated part is now, and the levers that break it.
Window {
    id: root

    color: Theme.page
    title: "report-kiosk: levers"

    Flickable {
        id: page

        anchors.bottom: foot.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        contentHeight: boards.height + 2 * boards.y
        contentWidth: width

        Column {
            id: boards

            spacing: Theme.mm(5)
            width: page.width - 2 * x
            x: Theme.mm(6)
            y: Theme.mm(6)

            Repeater {
                model: Bridge.visit.boards

                Board {
                    required property int index

                    number: index
                    width: boards.width
                }
            }
        }
    }
    Rectangle {
        id: thumb

        readonly property real share: page.visibleArea.heightRatio

        anchors.right: parent.right
        color: Theme.outline
        height: share * page.height
        radius: width / 2
        visible: share < 1
        width: Theme.mm(2)
        y: page.visibleArea.yPosition * page.height
    }
    Rectangle {
        id: foot

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        color: Theme.cautionSoft
        height: Bridge.state.note === "" ? 0 : note.height + Theme.mm(6)

        Label {
            id: note

            anchors.verticalCenter: parent.verticalCenter
            color: Theme.caution
            size: Theme.smallText
            text: Bridge.state.note
            width: parent.width - Theme.mm(12)
            x: Theme.mm(6)
        }
    }
}
