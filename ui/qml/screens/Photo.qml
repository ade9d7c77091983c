pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Live picture, shutter, and the photos taken so far.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property var photos: body.photo_ids ?? []
    readonly property bool cameraOn: body.camera === "ready" || body.camera === "busy"
    readonly property bool full: photos.length >= body.limit

    help: Words.text("photo.help")
    title: Bridge.state.title === "" ? Words.text("photo.title") : Bridge.state.title

    ProblemLine {
        objectName: "problem:photo"
        text: page.body.problem ? Words.message("problem", page.body.problem) : ""
        visible: !!page.body.problem
        width: parent.width
    }
    Viewfinder {
        on: page.cameraOn
        status: !page.cameraOn ? Words.text("photo.off") : page.body.capturing ? Words.text("photo.busy") : page.full ? Words.fill("photo.full", page.body) : Words.fill("photo.count", {
            "count": page.photos.length,
            "limit": page.body.limit
        })
        width: parent.width
    }
    PrimaryButton {
        enabled: page.cameraOn && !page.full && !page.body.capturing
        iconFirst: true
        iconName: "camera"
        objectName: "button:take_photo"
        text: Words.text("button.take_photo")
        visible: page.cameraOn
        width: parent.width

        onAct: Bridge.visit.touch("take_photo")
    }
    Flow {
        spacing: Theme.gap
        visible: page.photos.length > 0
        width: parent.width

        Repeater {
            model: page.photos

            Thumbnail {
                required property int index
                required property string modelData

                number: index + 1
                photoId: modelData
                width: Math.min(Theme.mm(84), (page.contentWidth - 2 * Theme.gap) / (Theme.enlarged ? 2 : 3))
            }
        }
    }
    Label {
        color: Theme.muted
        size: Theme.smallText
        text: Words.text("photo.private")
        width: parent.width
    }
}
