import QtQuick
import "../theme"

// The latest receipt as it left the printer: the top of it, and the rest by dragging.
Rectangle {
    id: paper

    property string address

    border.color: Theme.divider
    border.width: Theme.hairline
    clip: true
    color: Theme.page

    Flickable {
        anchors.fill: parent
        anchors.margins: Theme.mm(2)
        boundsBehavior: Flickable.StopAtBounds
        contentHeight: picture.height
        contentWidth: width

        Image {
            id: picture

            asynchronous: true
            cache: false
            fillMode: Image.PreserveAspectFit
            height: sourceSize.width > 0 ? width * implicitHeight / implicitWidth : implicitHeight
            mipmap: true
            source: paper.address
            width: parent.width
        }
    }
}
