import QtQuick
import "../theme"

// The camera's live picture with, for a document, a drawing of where to put it, and live words beneath. Says in
// words that the camera is on: this is the only place where it ever is.
Rectangle {
    id: finder

    property bool on: false
    property bool guide: false
    property string status: ""

    border.color: Theme.outline
    border.width: Theme.hairline
    color: "#0E1B2E"
    implicitHeight: Math.min(Math.round(width * 9 / 16), Theme.mm(150)) + words.height
    radius: Theme.radius

    Image {
        id: picture

        Accessible.name: Words.text("photo.live_say")
        Accessible.role: Accessible.Graphic
        anchors.bottom: words.top
        anchors.left: parent.left
        anchors.margins: Theme.hairline
        anchors.right: parent.right
        anchors.top: parent.top
        cache: false
        fillMode: Image.PreserveAspectFit
        source: finder.on ? "image://photos/live?" + Bridge.pictures.liveFrame : ""
        visible: finder.on
    }
    Item {
        anchors.fill: picture
        visible: finder.guide

        Rectangle {
            anchors.centerIn: parent
            border.color: "#FFFFFF"
            border.width: Theme.thickLine
            color: "transparent"
            height: Math.round(parent.height * 0.76)
            radius: Theme.mm(6)
            width: Math.min(parent.width * 0.8, Math.round(height * 1.42))

            Column {
                anchors.bottom: parent.bottom
                anchors.bottomMargin: Theme.mm(7)
                anchors.left: parent.left
                anchors.leftMargin: Theme.mm(7)
                anchors.right: parent.right
                anchors.rightMargin: Theme.mm(7)
                spacing: Theme.mm(4)

                Repeater {
                    model: 2

                    Rectangle {
                        color: "#99FFFFFF"
                        height: Theme.mm(3)
                        radius: height / 2
                        width: parent.width
                    }
                }
            }
            Rectangle {
                border.color: "#99FFFFFF"
                border.width: Theme.line
                color: "transparent"
                height: parent.height * 0.4
                radius: Theme.mm(3)
                width: height * 0.8
                x: Theme.mm(7)
                y: Theme.mm(7)
            }
        }
    }
    Rectangle {
        Accessible.name: Words.text("photo.on")
        Accessible.role: Accessible.StaticText
        anchors.left: parent.left
        anchors.margins: Theme.mm(4)
        anchors.top: parent.top
        border.color: "#FFFFFF"
        border.width: Theme.line
        color: "#0E1B2E"
        height: sign.height + Theme.mm(5)
        objectName: "camera:on"
        radius: height / 2
        visible: finder.on
        width: sign.width + Theme.mm(9)

        Row {
            id: sign

            anchors.centerIn: parent
            spacing: Theme.mm(2.5)

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                colour: "#FFFFFF"
                name: "camera"
                size: Math.round(text.implicitHeight)
            }
            Label {
                id: text

                Accessible.ignored: true
                anchors.verticalCenter: parent.verticalCenter
                color: "#FFFFFF"
                size: Theme.smallText
                text: Words.text("photo.on")
            }
        }
    }
    Rectangle {
        id: words

        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        bottomLeftRadius: finder.radius
        bottomRightRadius: finder.radius
        color: Theme.band
        height: status.implicitHeight + Theme.mm(8)

        Label {
            id: status

            anchors.left: parent.left
            anchors.leftMargin: Theme.mm(8)
            anchors.right: parent.right
            anchors.rightMargin: Theme.mm(8)
            anchors.verticalCenter: parent.verticalCenter
            color: "#FFFFFF"
            horizontalAlignment: Text.AlignHCenter
            objectName: "camera:status"
            size: Theme.supportText
            text: finder.status
        }
    }
}
