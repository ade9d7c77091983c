import QtQuick
import "../theme"

// A photo that was taken, and how to remove it.
Rectangle {
    id: thumbnail

    property string photoId: ""
    property int number: 0

    border.color: Theme.divider
    border.width: Theme.hairline
    color: Theme.surface
    implicitHeight: picture.height + remove.height + 2 * Theme.hairline
    radius: Theme.smallRadius

    Image {
        id: picture

        Accessible.name: Words.fill("photo.say", {
            "number": thumbnail.number
        })
        Accessible.role: Accessible.Graphic
        cache: false
        fillMode: Image.PreserveAspectFit
        height: Math.round(width * 9 / 16)
        objectName: "photo:" + thumbnail.photoId
        source: "image://photos/" + thumbnail.photoId
        width: parent.width - 2 * x
        x: Theme.hairline
        y: Theme.hairline
    }
    LinkButton {
        id: remove

        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: picture.bottom
        iconName: "trash-2"
        objectName: "delete:" + thumbnail.photoId
        padding: Theme.mm(2)
        say: Words.text("button.delete_photo") + " " + Words.fill("photo.say", {
            "number": thumbnail.number
        })
        text: Words.text("button.delete_photo")

        onAct: Bridge.visit.deletePhoto(thumbnail.photoId)
    }
}
