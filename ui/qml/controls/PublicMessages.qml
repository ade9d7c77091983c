pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Short public messages, one after the other, each a still picture with its words. Nothing moves or flashes.
Rectangle {
    id: board

    property var languages: []
    property int shown: 0
    readonly property var messages: Bridge.site.messages
    readonly property var message: messages[shown]

    border.color: Theme.bandOutline
    border.width: Theme.contrast ? Theme.line : 0
    color: Theme.bandCard
    implicitHeight: words.implicitHeight + 2 * Theme.mm(10)
    radius: Theme.mm(5.5)
    visible: messages.length > 0

    Icon {
        id: picture

        anchors.left: parent.left
        anchors.leftMargin: Theme.mm(13)
        anchors.verticalCenter: parent.verticalCenter
        colour: Theme.highlight
        name: board.message ? board.message.icon : ""
        size: Theme.mm(17)
    }
    Column {
        id: words

        anchors.left: picture.right
        anchors.leftMargin: Theme.mm(10)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(13)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(2)

        Repeater {
            model: board.message ? board.languages : []

            Label {
                required property int index
                required property string modelData

                color: index === 0 ? Theme.bandInk : Theme.bandInkMuted
                font.family: Theme.familyOf(modelData)
                size: index === 0 ? Theme.mm(9.7) : Theme.mm(8.6)
                even: true
                text: board.message.caption[modelData]
                width: words.width
            }
        }
    }
    Timer {
        interval: 12000
        repeat: true
        running: board.visible && board.messages.length > 1

        onTriggered: board.shown = (board.shown + 1) % board.messages.length
    }
}
